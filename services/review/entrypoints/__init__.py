"""The entry points of `review` by family: load, apply a rule, save, tell; `service.py` joins them."""
