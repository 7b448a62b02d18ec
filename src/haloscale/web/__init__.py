"""The explorer in the browser: `haloscale explore`. Needs the extra `web`."""
