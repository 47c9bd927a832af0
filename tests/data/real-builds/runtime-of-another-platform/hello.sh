#!/bin/sh
echo "hello from $(dpkg --print-architecture | wc -w) architecture"
