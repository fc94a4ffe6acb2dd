from tenants.documents.models.document import StoredDocument

__all__ = ["StoredDocument"]
