package example;

import java.util.List;
import java.util.Set;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.RowsDeletedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.data.domain.Example;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.relational.core.mapping.event.BeforeDeleteEvent;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.event.ApplicationEvents;
import org.springframework.test.context.event.RecordApplicationEvents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@SpringBootTest
@RecordApplicationEvents
class RepositoriesTests {

	@Autowired
	Customers customers;

	@Autowired
	Notes notes;

	@Autowired
	Visits visits;

	@Autowired
	Plains plains;

	@Autowired
	JdbcAggregateTemplate aggregates;

	@Autowired
	DeleteTemplate deletes;

	@Autowired
	JdbcClient jdbc;

	Customer ann;

	Customer bob;

	@BeforeEach
	void annAndBobAreThere() {
		this.jdbc.sql("TRUNCATE phones, customers, notes, visits, plain RESTART IDENTITY CASCADE").update();
		this.ann = this.customers.save(new Customer(null, "Ann", 0, Set.of(new Customer.Phone("1"))));
		this.bob = this.customers.save(new Customer(null, "Bob", 0, Set.of()));
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteOfAScheduledTableMarksTheRow(Way way) {
		way.delete.run(this.customers, this.aggregates, this.ann);
		assertThat(this.customers.findAll()).extracting(Customer::name)
			.isEqualTo(way.all() ? List.of() : List.of("Bob"));
		assertThat(count("customers WHERE id = 1 AND deletion_time IS NOT NULL")).isOne();
		assertThat(count("phones")).isOne();
		assertThat(this.deletes.restoreFrom(Customer.class).byId(1L).execute().rows()).isOne();
		assertThat(this.customers.findById(1L)).hasValueSatisfying((it) -> assertThat(it.phones()).hasSize(1));
	}

	@Test
	void aDeletedRowIsFoundByNobody() {
		this.customers.deleteById(1L);
		assertThat(this.customers.findById(1L)).isEmpty();
		assertThat(this.customers.existsById(1L)).isFalse();
		assertThat(this.customers.findByName("Ann")).isEmpty();
		assertThat(this.customers.countLike("A%")).isZero();
		assertThat(this.customers.count()).isOne();
		assertThat(this.customers.findAll(PageRequest.of(0, 10))).hasSize(1);
		assertThat(this.customers.findAllById(List.of(1L, 2L))).hasSize(1);
		assertThat(this.customers.exists(Example.of(this.ann))).isFalse();
		assertThat(this.customers.save(new Customer(null, "Ann", 0, Set.of())).id()).isEqualTo(3);
	}

	/**
	 * One statement each, and none of the events that surround the delete of an
	 * aggregate: generated code would load and delete them one by one.
	 */
	@Test
	void derivedDeletesObey(@Autowired ApplicationEvents events) {
		assertThat(this.customers.deleteByName("Ann")).isOne();
		assertThat(this.customers.removeByNameStartingWith("B")).extracting(Customer::name).containsExactly("Bob");
		assertThat(count("customers WHERE deletion_time IS NOT NULL")).isEqualTo(2);
		this.notes.save(new Note(null, "a"));
		assertThat(this.notes.deleteByText("a")).isOne();
		assertThat(count("notes WHERE deletion_time IS NOT NULL")).isOne();
		assertThat(events.stream(BeforeDeleteEvent.class)).isEmpty();
		assertThat(events.stream(RowsDeletedEvent.class)).hasSize(3);
	}

	@Test
	void aStaleVersionIsRefused() {
		this.customers.save(this.ann);
		assertThatExceptionOfType(OptimisticLockingFailureException.class)
			.isThrownBy(() -> this.customers.delete(this.ann));
		assertThat(count("customers WHERE deletion_time IS NOT NULL")).isZero();
	}

	@Test
	void aSaveReplacesTheParts() {
		this.customers.save(new Customer(1L, "Ann", this.ann.version(), Set.of(new Customer.Phone("2"))));
		assertThat(this.jdbc.sql("SELECT number FROM phones").query(String.class).list()).containsExactly("2");
	}

	@Test
	void hardTablesAndThoseWithoutAPolicyLoseTheirRows() {
		this.visits.save(new Visit(null, "a"));
		this.visits.save(new Visit(null, "b"));
		this.plains.save(new Plain(null, "a"));
		this.plains.save(new Plain(null, "b"));
		assertThat(this.visits.deleteByText("a") + this.plains.deleteByText("a")).isEqualTo(2);
		this.visits.deleteAll();
		this.plains.deleteAll();
		assertThat(count("visits") + count("plain")).isZero();
	}

	/**
	 * The outer build says which of the two it means.
	 */
	@Test
	void theContextIsOfTheExpectedKind(@Autowired Environment environment) {
		boolean generated = this.aggregates.getClass().getClassLoader()
			.getResource("example/CustomersImpl__TestContext001_AotRepository.class") != null;
		assertThat(generated).isEqualTo(environment.getProperty("spring.aot.enabled", Boolean.class, false));
	}

	private long count(String where) {
		return this.jdbc.sql("SELECT count(*) FROM " + where).query(Long.class).single();
	}

	enum Way {

		DELETE((customers, aggregates, customer) -> customers.delete(customer)),
		DELETE_BY_ID((customers, aggregates, customer) -> customers.deleteById(customer.id())),
		DELETE_ALL_BY_ID((customers, aggregates, customer) -> customers.deleteAllById(List.of(customer.id()))),
		DELETE_ALL_OF_THESE((customers, aggregates, customer) -> customers.deleteAll(List.of(customer))),
		DELETE_ALL((customers, aggregates, customer) -> customers.deleteAll()),
		TEMPLATE_DELETE((customers, aggregates, customer) -> aggregates.delete(customer)),
		TEMPLATE_DELETE_BY_ID((customers, aggregates, customer) -> aggregates.deleteById(customer.id(), Customer.class)),
		TEMPLATE_DELETE_ALL((customers, aggregates, customer) -> aggregates.deleteAll(Customer.class));

		private final Delete delete;

		Way(Delete delete) {
			this.delete = delete;
		}

		boolean all() {
			return this == DELETE_ALL || this == TEMPLATE_DELETE_ALL;
		}

	}

	interface Delete {

		void run(Customers customers, JdbcAggregateTemplate aggregates, Customer customer);

	}

}
