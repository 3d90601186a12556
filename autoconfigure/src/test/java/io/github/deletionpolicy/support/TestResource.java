package io.github.deletionpolicy.support;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Something that tests start and stop by a field with
 * {@link RegisterExtension @RegisterExtension}: a static field does it once for the
 * class, an instance field for each test.
 */
public abstract class TestResource
		implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, AutoCloseable {

	private boolean forTheClass;

	/**
	 * Start it, on its own database unless it was given one.
	 */
	protected abstract void open();

	@Override
	public abstract void close();

	@Override
	public final void beforeAll(ExtensionContext context) {
		this.forTheClass = true;
		open();
	}

	@Override
	public final void beforeEach(ExtensionContext context) {
		if (!this.forTheClass) {
			open();
		}
	}

	@Override
	public final void afterEach(ExtensionContext context) {
		if (!this.forTheClass) {
			close();
		}
	}

	@Override
	public final void afterAll(ExtensionContext context) {
		close();
	}

}
