"""The pages behind the links in a vendor's mail. No login: the link's token is the whole authority."""
