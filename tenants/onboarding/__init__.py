"""Sign-up, roster import, launch: it uses everything below it and is used by nothing but doors."""
