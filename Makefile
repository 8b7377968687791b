# SPDX-License-Identifier: GPL-2.0
#
# make                   the module for the running kernel, and the command
# make install           both, with man page and completion; DESTDIR= and PREFIX=
# make dkms-install      the module through DKMS, rebuilt with every new kernel
# make demo              the main job, shown on a real kernel in a virtual machine
# make check             the tests; make unit: those that need no root
# make check-all         more: every network test on every kernel
# make check-ptp         PTP between two virtual machines, for ten minutes
# make fuzz TIME=600     the fuzzers, each for so many seconds
# make help              this text

KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
PREFIX	?= /usr
TIME	?= 600
VERSION	:= $(shell sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' kmod/main.c)

# Debian's headers come without the kernel image that BTF is made from, and
# without the key that its modules are signed with.
KBUILD_FLAGS := CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_MODULE_SIG_ALL=

DKMS_SRC := $(DESTDIR)/usr/src/labelhop-$(VERSION)

all: module tools

help:
	@sed -n 's/^# \?//; 3,11p' Makefile

module:
	@test -d "$(KDIR)" || { \
		echo "labelhop: no headers of kernel $(KVER) in $(KDIR):" \
		     "apt-get install linux-headers-$(KVER)" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(KBUILD_FLAGS) modules

tools:
	$(MAKE) -C tools

install: module tools
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(KBUILD_FLAGS) \
		INSTALL_MOD_PATH="$(DESTDIR)" INSTALL_MOD_DIR=updates \
		INSTALL_MOD_STRIP=1 \
		modules_install
	$(if $(DESTDIR),,depmod -a "$(KVER)")
	$(MAKE) -C tools install DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"

uninstall:
	rm -f "$(DESTDIR)/lib/modules/$(KVER)/updates"/labelhop.ko*
	$(if $(DESTDIR),,depmod -a "$(KVER)")
	$(MAKE) -C tools uninstall DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"

# DKMS gets a copy of what the module is made of, and no more, and is told which
# kernels it need not try.
DKMS_NEEDS := $(shell sed -n '/^lh-needs/,/[^\]$$/{s/^lh-needs :=//; s/[\]//; p}' Kbuild)
dkms-install:
	@command -v dkms >/dev/null || { \
		echo "labelhop: there is no dkms: apt-get install dkms" >&2; exit 1; }
	rm -rf "$(DKMS_SRC)"
	mkdir -p "$(DKMS_SRC)"
	cp -r Kbuild kmod uapi COPYING "$(DKMS_SRC)"
	find "$(DKMS_SRC)" -name '*.o' -o -name '.*.cmd' | xargs -r rm -f
	printf '%s\n' 'PACKAGE_NAME="labelhop"' 'PACKAGE_VERSION="$(VERSION)"' \
		'BUILT_MODULE_NAME[0]="labelhop"' \
		'DEST_MODULE_LOCATION[0]="/updates/dkms"' \
		'MAKE[0]="make -C $$kernel_source_dir M=$$dkms_tree/$$PACKAGE_NAME/$$PACKAGE_VERSION/build $(KBUILD_FLAGS) modules"' \
		'CLEAN="make -C $$kernel_source_dir M=$$dkms_tree/$$PACKAGE_NAME/$$PACKAGE_VERSION/build clean"' \
		'BUILD_EXCLUSIVE_CONFIG="!CONFIG_PREEMPT_RT $(addprefix CONFIG_,$(DKMS_NEEDS))"' \
		'AUTOINSTALL="yes"' > "$(DKMS_SRC)/dkms.conf"
	dkms install labelhop/$(VERSION) -k $(KVER) $(DKMS_FLAGS)

dkms-remove:
	dkms remove labelhop/$(VERSION) --all $(DKMS_FLAGS)
	rm -rf "$(DKMS_SRC)"

# Debian packages that demo and check need; says what it installs.
setup:
	selftests/setup

demo: setup
	selftests/demo/run

demo-vpls: setup
	selftests/demo/run --vpls

check: setup
	selftests/check

check-all: setup
	selftests/check --all

check-ptp: setup
	selftests/ptp/run.sh --seconds 600 --data .build/ptp/data

unit:
	selftests/unit/run.sh

fuzz: setup
	@failed=; for script in selftests/fuzz/*.sh; do \
		echo "# $$script"; $$script --time $(TIME) || failed=1; \
	done; test -z "$$failed"

lint: setup
	selftests/lint/run.sh

clean:
	rm -rf .build
	find . -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' -o \
		-name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' -o \
		-name Module.symvers -o -name modules.order \) -print | \
		xargs -r rm -f

.PHONY: all help module tools install uninstall dkms-install dkms-remove setup \
	demo demo-vpls check check-all check-ptp unit fuzz lint clean
