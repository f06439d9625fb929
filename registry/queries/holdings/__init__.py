"""Questions about who holds what: duties, powers, custody, accountability, balance."""
