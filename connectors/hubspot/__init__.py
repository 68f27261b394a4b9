"""HubSpot: contacts, companies, deals and what people did, behind the one protocol."""
