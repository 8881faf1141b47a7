"""Notices beside the CRM: a weekly digest for each manager, an alert for the operator. Never one for each finding."""
