"""The entry points of `accounts` by family: load, apply a rule, save, tell; `service.py` joins them."""
