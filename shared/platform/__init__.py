"""The ground the services stand on; it knows nothing of registration and imports nothing else of ours."""
