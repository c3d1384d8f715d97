"""The services; none imports another: they meet over RPC and events (`shared/contracts`)."""
