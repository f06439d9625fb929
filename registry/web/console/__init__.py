"""The console: what departments and auditors look at all day. One view: one module, one template, one question."""
