"""Mailchimp: audiences, e-mail engagement and shops, behind the one protocol."""
