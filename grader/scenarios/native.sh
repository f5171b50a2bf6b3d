echo transcript begins
ls /BIN
memtest 4711 3
forktest
filebench
compute
mix
poweroff
