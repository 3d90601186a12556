package io.github.deletionpolicy.history;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Deque;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.deletionpolicy.history.Fault.Type;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * A pool of connections to one schema that fail as they are told to. What PostgreSQL
 * would raise is raised by PostgreSQL, so that the transaction is over as it would be;
 * what is dropped is really cut off.
 */
final class FaultyDataSource extends AbstractDataSource implements AutoCloseable {

	private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(12);

	private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

	private final String url;

	private final Properties properties = new Properties();

	private volatile Source source = Source.NONE;

	FaultyDataSource(String url, String schema, String name) {
		this.url = url;
		this.properties.setProperty("currentSchema", schema);
		this.properties.setProperty("ApplicationName", name);
		this.properties.setProperty("socketTimeout", "60");
	}

	void failBy(Source source) {
		this.source = source;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection physical = this.idle.poll();
		if (physical == null) {
			physical = DriverManager.getConnection(this.url, this.properties);
		}
		try {
			return proxy(Connection.class, new Lease(physical, this.source, this.source.opened(physical)));
		}
		catch (SQLException ex) {
			physical.close();
			throw ex;
		}
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() {
		for (Connection physical = this.idle.poll(); physical != null; physical = this.idle.poll()) {
			try {
				physical.close();
			}
			catch (SQLException ex) {
				this.logger.debug("The connection was closed already", ex);
			}
		}
	}

	private static <T> T proxy(Class<T> type, InvocationHandler handler) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
	}

	private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	private static SQLException drop(Connection physical) throws SQLException {
		physical.abort(Runnable::run);
		return new SQLException("The connection was dropped on purpose", "08006");
	}

	/**
	 * Says what goes wrong.
	 */
	interface Source {

		/**
		 * Nothing goes wrong.
		 */
		Source NONE = new Source() {

			@Override
			public InjectedFault opened(Connection connection) {
				return new InjectedFault(Fault.NONE);
			}

			@Override
			public void failed(Type type) {
			}

		};

		/**
		 * A connection is taken.
		 * @return what is to go wrong with it
		 */
		InjectedFault opened(Connection connection) throws SQLException;

		/**
		 * Something went wrong.
		 */
		void failed(Type type);

	}

	private final class Lease implements InvocationHandler {

		private final Connection physical;

		private final Source source;

		private final InjectedFault fault;

		private boolean returned;

		Lease(Connection physical, Source source, InjectedFault fault) {
			this.physical = physical;
			this.source = source;
			this.fault = fault;
		}

		@Override
		public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
			switch (method.getName()) {
				case "close" -> giveBack();
				case "isClosed" -> {
					return this.returned || this.physical.isClosed();
				}
				case "commit" -> commit();
				case "prepareStatement" -> {
					return proxy(PreparedStatement.class, watch(call(this.physical, method, arguments)));
				}
				case "createStatement" -> {
					return proxy(Statement.class, watch(call(this.physical, method, arguments)));
				}
				default -> {
					return call(this.physical, method, arguments);
				}
			}
			return null;
		}

		private InvocationHandler watch(@Nullable Object statement) {
			return (proxy, method, arguments) -> {
				if (statement == null || !method.getName().startsWith("execute")) {
					return call(Objects.requireNonNull(statement), method, arguments);
				}
				boolean ends = this.physical.getAutoCommit();
				Type type = this.fault.atStatement(ends);
				before(type);
				Object result = call(statement, method, arguments);
				if (type == Type.DROPPED_AFTER_COMMIT) {
					throw drop(this.physical);
				}
				return result;
			};
		}

		private void before(Type type) throws SQLException {
			if (type == Type.NONE) {
				return;
			}
			this.source.failed(type);
			if (type == Type.DELAY) {
				LockSupport.parkNanos(DELAY);
			}
			else if (type == Type.DROPPED_BEFORE_STATEMENT || type == Type.DROPPED_BEFORE_COMMIT) {
				throw drop(this.physical);
			}
			else if (!type.sqlState().isEmpty()) {
				try (Statement statement = this.physical.createStatement()) {
					statement.execute("DO $$ BEGIN RAISE EXCEPTION 'raised on purpose' USING ERRCODE = '%s'; END $$"
						.formatted(type.sqlState()));
				}
			}
		}

		private void commit() throws SQLException {
			Type type = this.fault.atCommit();
			before((type == Type.DROPPED_AFTER_COMMIT) ? Type.NONE : type);
			this.physical.commit();
			if (type == Type.DROPPED_AFTER_COMMIT) {
				this.source.failed(type);
				throw drop(this.physical);
			}
		}

		private void giveBack() throws SQLException {
			if (this.returned) {
				return;
			}
			this.returned = true;
			if (!this.physical.isClosed()) {
				if (!this.physical.getAutoCommit()) {
					this.physical.rollback();
					this.physical.setAutoCommit(true);
				}
				FaultyDataSource.this.idle.push(this.physical);
			}
		}

	}

}
