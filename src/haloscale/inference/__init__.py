"""From model and data to the posterior: priors, likelihoods, samplers, diagnostics."""
