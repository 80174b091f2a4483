"""Moving the dataset: exports, descriptions, publication to other stores, comparison, candidates for links."""
