// Generated from ${pp.sourceFile?keep_after_last("/")} in src/main/templates: what is to change, changes there.
