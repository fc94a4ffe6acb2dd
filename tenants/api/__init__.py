"""The ground of the API: doors, problems, pages, authentication. Each app has resources in an `api` package."""
