"""The rules of accounts and organisations, on plain values: no database, no bus, no clock."""
