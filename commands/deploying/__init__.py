"""What a deployment in containers is made of: the broker's users, the databases' roles, secrets and settings."""
