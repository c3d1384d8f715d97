"""The only public surface: the HTTP API and the pages; it owns nothing but its cookies."""
