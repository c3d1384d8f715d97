"""The schema of every RPC and event that leaves a service, one module a service."""
