"""How people and programs reach the engine; nobody imports these."""
