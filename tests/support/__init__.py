"""What tests stand on: servers, services and clients of the running system."""
