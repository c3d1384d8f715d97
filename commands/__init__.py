"""The command line of a deployment: `python -m commands <command>`, one module a command."""
