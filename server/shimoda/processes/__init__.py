"""The processes of a service: who holds the data, who answers, who writes, and what each may do."""
