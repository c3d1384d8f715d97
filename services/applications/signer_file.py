"""Where a deployment keeps the key and chain that sign its documents: the one place that says so."""

SIGNER = "documents/signer.pem"
"""Below KEYS_DIR: the key, the signer's certificate, then those of its issuers, each as PEM."""
