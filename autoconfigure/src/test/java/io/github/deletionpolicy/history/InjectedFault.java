package io.github.deletionpolicy.history;

import io.github.deletionpolicy.history.Fault.Type;

/**
 * A fault that is to happen once.
 */
final class InjectedFault {

	private final Fault fault;

	private int statements;

	private boolean failed;

	InjectedFault(Fault fault) {
		this.fault = fault;
		this.failed = fault.type() == Type.NONE;
	}

	/**
	 * Return what fails before the statement that comes now.
	 * @param ends whether it is its own transaction
	 */
	synchronized Type atStatement(boolean ends) {
		this.statements++;
		if (this.failed || (this.fault.type().isAtCommit() ? !ends : this.statements < this.fault.at())) {
			return Type.NONE;
		}
		this.failed = true;
		return this.fault.type();
	}

	synchronized Type atCommit() {
		if (this.failed || !this.fault.type().isAtCommit()) {
			return Type.NONE;
		}
		this.failed = true;
		return this.fault.type();
	}

}
