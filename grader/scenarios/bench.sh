bench
poweroff
