package io.github.deletionpolicy.benchmarks.scenario;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import javax.sql.DataSource;

import io.github.deletionpolicy.benchmarks.measure.Latencies;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Stands before a data source and takes the time of transactions that remove rows, from
 * their first statement to the end of their commit, in threads that ask for it.
 */
final class BatchTimes implements BeanPostProcessor {

	private final ThreadLocal<Boolean> watched = ThreadLocal.withInitial(() -> false);

	private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (bean instanceof DataSource dataSource) ? new TimedDataSource(dataSource) : bean;
	}

	/**
	 * Do something and take the time of each transaction in this thread.
	 * @param work what to do
	 */
	void watch(Runnable work) {
		this.watched.set(true);
		try {
			work.run();
		}
		finally {
			this.watched.remove();
		}
	}

	/**
	 * Sum up.
	 * @return how long the transactions took
	 */
	Latencies latencies() {
		long[] all = this.nanos.stream().mapToLong(Long::longValue).toArray();
		return Latencies.of(all, 1);
	}

	private final class TimedDataSource extends DelegatingDataSource {

		private TimedDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return BatchTimes.this.watched.get() ? timed(connection) : connection;
		}

		private Connection timed(Connection connection) {
			Batch batch = new Batch();
			return (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(),
					new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
						batch.before(method.getName(), arguments);
						try {
							return method.invoke(connection, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
						finally {
							batch.after(method.getName());
						}
					});
		}

	}

	private final class Batch {

		private long start;

		private boolean removes;

		void before(String method, Object @Nullable [] arguments) {
			if (!method.equals("prepareStatement") && !method.equals("createStatement")) {
				return;
			}
			if (this.start == 0) {
				this.start = System.nanoTime();
			}
			this.removes |= arguments != null && arguments[0] instanceof String sql && sql.contains("DELETE FROM");
		}

		void after(String method) {
			if (!method.equals("commit") && !method.equals("rollback")) {
				return;
			}
			if (method.equals("commit") && this.removes) {
				BatchTimes.this.nanos.add(System.nanoTime() - this.start);
			}
			this.start = 0;
			this.removes = false;
		}

	}

}
