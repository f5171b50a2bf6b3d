echo transcript begins
ls /BIN
memtest 4711
forktest
filebench
compute
mix
poweroff
