"""The endpoints, by area. Each module has ``ROUTES``."""
