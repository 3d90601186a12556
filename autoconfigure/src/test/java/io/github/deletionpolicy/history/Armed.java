package io.github.deletionpolicy.history;

import io.github.deletionpolicy.history.Fault.Type;

/**
 * A fault that lies in wait, and strikes once.
 */
final class Armed {

	private final Fault fault;

	private int statements;

	private boolean struck;

	Armed(Fault fault) {
		this.fault = fault;
		this.struck = fault.type() == Type.NONE;
	}

	/**
	 * Return what strikes before the statement that comes now.
	 * @param ends whether it is a transaction of its own
	 */
	synchronized Type atStatement(boolean ends) {
		this.statements++;
		if (this.struck || (this.fault.type().isAtCommit() ? !ends : this.statements < this.fault.at())) {
			return Type.NONE;
		}
		this.struck = true;
		return this.fault.type();
	}

	synchronized Type atCommit() {
		if (this.struck || !this.fault.type().isAtCommit()) {
			return Type.NONE;
		}
		this.struck = true;
		return this.fault.type();
	}

}
