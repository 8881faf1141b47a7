"""A local CRM that speaks Salesforce's and HubSpot's APIs over HTTP; an independent witness for tests and demos."""
