"""A model in plain language: the page that sales and marketing agree on."""
