// A thread that never says that it is ready.

for (;;);
