"""The report as pages: plain numbers first, then pictures and tables of them, then HTML and CSV files."""
