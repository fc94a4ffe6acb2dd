"""For each route of a school, the arguments that lead to something which exists: one file per part of the product."""
