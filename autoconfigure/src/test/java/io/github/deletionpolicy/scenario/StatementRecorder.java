package io.github.deletionpolicy.scenario;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Writes down the statements that an application sends, with their parameters, and lets
 * PostgreSQL say how many pages each of them reads.
 */
public final class StatementRecorder {

	private static final Pattern PAGES = Pattern.compile("\"Shared (?:Hit|Read) Blocks\": (\\d+)");

	private static final List<Recorded> statements = new CopyOnWriteArrayList<>();

	private StatementRecorder() {
	}

	/**
	 * Return what is sent meanwhile, in its order.
	 */
	public static List<Recorded> record(Runnable work) {
		statements.clear();
		work.run();
		return List.copyOf(statements);
	}

	/**
	 * Run statements once more, and undo what they do.
	 * @return the pages that they read in tables and indexes, from the cache or from the
	 * disk
	 */
	public static long pages(DataSource dataSource, List<Recorded> statements) throws Exception {
		long pages = 0;
		try (Connection connection = dataSource.getConnection()) {
			connection.setAutoCommit(false);
			for (Recorded statement : statements) {
				pages += statement.pages(connection);
			}
			connection.rollback();
		}
		return pages;
	}

	/**
	 * A statement that was sent.
	 *
	 * @param sql its text
	 * @param parameters how its parameters were set
	 */
	public record Recorded(String sql, List<Setter> parameters) {

		private long pages(Connection connection) throws Exception {
			try (PreparedStatement explain = connection
				.prepareStatement("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + this.sql)) {
				for (Setter parameter : this.parameters) {
					parameter.method().invoke(explain, parameter.arguments());
				}
				try (ResultSet plan = explain.executeQuery()) {
					plan.next();
					Matcher blocks = PAGES.matcher(plan.getString(1));
					// The first two are those of the whole plan.
					long pages = 0;
					for (int i = 0; i < 2 && blocks.find(); i++) {
						pages += Long.parseLong(blocks.group(1));
					}
					return pages;
				}
			}
		}

		@Override
		public String toString() {
			return this.sql.replaceAll("\\s+", " ");
		}

	}

	/**
	 * A parameter that was set.
	 *
	 * @param method the method of the statement
	 * @param arguments what it was called with
	 */
	public record Setter(Method method, Object[] arguments) {
	}

	/**
	 * Puts the recorder between the application and its database.
	 */
	@Configuration(proxyBeanMethods = false)
	public static class Recording {

		@Bean
		static BeanPostProcessor recording() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					return (bean instanceof DataSource dataSource) ? new RecordingDataSource(dataSource) : bean;
				}

			};
		}

	}

	private static final class RecordingDataSource extends DelegatingDataSource {

		RecordingDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection target = super.getConnection();
			return proxy(Connection.class, (method, arguments) -> {
				Object result = invoke(method, target, arguments);
				if (result instanceof PreparedStatement statement) {
					return recording(statement, String.valueOf(arguments[0]));
				}
				return (result instanceof Statement statement) ? recording(statement) : result;
			});
		}

		private static Statement recording(Statement target) {
			return proxy(Statement.class, (method, arguments) -> {
				if (method.getName().startsWith("execute") && arguments != null) {
					statements.add(new Recorded(String.valueOf(arguments[0]), List.of()));
				}
				return invoke(method, target, arguments);
			});
		}

		private static PreparedStatement recording(PreparedStatement target, String sql) {
			List<Setter> parameters = new ArrayList<>();
			return proxy(PreparedStatement.class, (method, arguments) -> {
				if (method.getName().startsWith("set") && method.getDeclaringClass() == PreparedStatement.class) {
					parameters.add(new Setter(method, arguments));
				}
				else if (method.getName().startsWith("execute")) {
					statements.add(new Recorded(sql, List.copyOf(parameters)));
				}
				return invoke(method, target, arguments);
			});
		}

		private static Object invoke(Method method, Object target, Object[] arguments) throws Throwable {
			try {
				return method.invoke(target, arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}

		private static <T> T proxy(Class<T> type, Invocation invocation) {
			return type.cast(Proxy.newProxyInstance(StatementRecorder.class.getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> invocation.invoke(method, arguments)));
		}

	}

	@FunctionalInterface
	private interface Invocation {

		Object invoke(Method method, Object[] arguments) throws Throwable;

	}

}
