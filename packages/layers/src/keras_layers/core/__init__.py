"""The layers that most models have: inputs, dense layers, embeddings, lambdas, wrappers."""
