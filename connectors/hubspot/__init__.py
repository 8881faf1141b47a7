"""HubSpot, through hubspot-api-client."""
