from tests.surroundings import become

become("vendor")
