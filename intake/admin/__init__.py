"""The staff desk. ``config.admin.AdminConfig`` loads the modules of this package; importing it registers nothing."""
