"""The store's schemas as they were released, each with rows in every table; `freeze` makes one."""
