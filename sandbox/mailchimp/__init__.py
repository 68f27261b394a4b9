"""Mailchimp, as far as a scoring program meets it."""

from sandbox.mailchimp.app import Limits, MailchimpApp

__all__ = ["Limits", "MailchimpApp"]
