"""`accounts` in running deployments, reached through the gateway: embedded, and a process a service on real servers."""
